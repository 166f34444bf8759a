package pricing

// shipped is sorted by name.
var shipped = [...]Model{}
