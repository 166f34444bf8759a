// Lets this package declare functions without a body; see "Who calls whom" in doc.go.
