// Command gen writes the tables of guard/injection and their list in docs/injection.md out of internal/list.
package main

import (
	"log"
	"os"

	"github.com/sluice-gateway/sluice/guard/injection/internal/list"
)

const docs = "../../docs/injection.md"

func main() {
	tables, err := list.Generate()
	if err != nil {
		log.Fatal(err)
	}
	page, err := os.ReadFile(docs)
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range map[string]string{"groups.program": tables.Groups, "looks.program": tables.Looks, "table.go": tables.Source, docs: tables.Page(string(page))} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
