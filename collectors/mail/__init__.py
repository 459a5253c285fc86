"""The mailbox: mails are read over IMAP, taken apart and decoded; what they mean is decided elsewhere."""
