"""The data's folder → one file that holds all of it but the footage; and that file → a data folder again."""
