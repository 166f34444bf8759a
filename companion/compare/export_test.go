package compare

// Load reads the tables anew.
func Load() { readLexicon() }
