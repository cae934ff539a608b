"""What ``verify`` looks at: one file per thing verified. A check says what, found, wanted and the fix."""
