"""What customers are asked and answer: surveys, and the links that were used."""
