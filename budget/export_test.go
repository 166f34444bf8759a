package budget

// PageKey is the key of the page that a digest's account is on.
var PageKey = pageKey
