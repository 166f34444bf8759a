// Command started is a program with the package and nothing else, in which a test looks for what runs at start.
package main

import (
	"os"
	"strconv"

	"github.com/sluice-gateway/sluice/tokenizer"
)

func main() {
	family := tokenizer.ForModel(os.Args[1])
	os.Stdout.WriteString(strconv.Itoa(family.Encoding.CountString(os.Args[2])) + "\n")
}
