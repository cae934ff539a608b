"""A new CDK project that uses the constructs: ``pinekeep init --project``.

``template`` holds its files, each with ``.txt`` behind its name, so that no tool takes them for files of this project.
"""
