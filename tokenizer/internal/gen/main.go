// Command gen writes the tables of package tokenizer. It is run by `go generate` in tokenizer/, with SLUICE_PYTHON naming a
// python that has the tiktoken of internal/oracle: the classes of characters are asked from tiktoken's own engine.
package main

import (
	"log"
	"os"
	"os/exec"

	"github.com/sluice-gateway/sluice/tokenizer/internal/build"
)

func main() {
	log.SetFlags(0)
	for _, name := range build.Names() {
		tables, err := build.Tables(name)
		if err != nil {
			log.Fatal(err)
		}
		for file, content := range tables {
			write(file, content)
		}
	}
	python := os.Getenv("SLUICE_PYTHON")
	if python == "" {
		log.Fatal("SLUICE_PYTHON is not set: name a python that has tiktoken, for the character classes")
	}
	ask := exec.Command(python, "internal/oracle/oracle.py", "classes")
	ask.Stderr = os.Stderr
	all, err := ask.Output()
	if err != nil {
		log.Fatalf("%v: %v", ask, err)
	}
	classes, err := build.Classes(all)
	if err != nil {
		log.Fatal(err)
	}
	write("unicode.classes", classes)
}

func write(file string, content []byte) {
	if err := os.WriteFile("tables/"+file, content, 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("tables/%s: %d bytes", file, len(content))
}
