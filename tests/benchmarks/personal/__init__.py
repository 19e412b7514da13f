"""Invented documents full of personal data, by which masking is measured."""
