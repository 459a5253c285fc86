"""What is checked: a checklist as data, and the verdicts on what was measured. Pure functions; no IO.

`checklist` reads what to check, `material` is what is known of a device, `reading` understands what a device printed,
`verdicts` decides; one function an item.
"""
