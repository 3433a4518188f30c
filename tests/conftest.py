"""What holds for every test: properties are tried without a time limit of their own, on the same examples."""

from hypothesis import settings

# A busy machine must not fail a property that holds, and a build must not fail on one run in ten:
# examples are derived from the test itself; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=60, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("steady")
