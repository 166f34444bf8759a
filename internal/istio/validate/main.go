// Command validate says of Kubernetes objects what Istio's own code says of them.
//
//	validate < objects.yaml     each problem a line, and exit code 1 if there is any
//	validate plugin < objects.yaml   what Istio gives the plugin among them as its configuration
//	validate fetch IMAGE        what Istio's agent takes for the module in an image, to stdout
//
// It is a module of its own, so that Istio and all that it needs stay out of Sluice's.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, stderr io.Writer) int {
	if len(args) == 2 && args[0] == "fetch" {
		module, err := fetch(context.Background(), args[1])
		if err == nil {
			_, err = out.Write(module)
		}
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}
	if len(args) == 1 && args[0] == "plugin" {
		if err := plugin(in, out); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}
	if len(args) != 0 {
		fmt.Fprintln(stderr, "usage: validate < objects.yaml, validate plugin < objects.yaml, or validate fetch IMAGE")
		return 2
	}
	problems, n, err := objects(in)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if n == 0 {
		fmt.Fprintln(stderr, "there are no objects")
		return 1
	}
	fmt.Fprintf(stderr, "%d objects\n", n)
	if len(problems) > 0 {
		return 1
	}
	return 0
}

// objects checks every document of a stream.
func objects(in io.Reader) (problems []string, n int, err error) {
	documents := kubeyaml.NewYAMLReader(bufio.NewReader(in))
	seen := map[string]bool{}
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return problems, n, nil
		}
		if err != nil {
			return nil, n, err
		}
		id, found, err := object(document)
		if err != nil {
			return nil, n, err
		}
		if id == "" {
			continue // nothing but comments
		}
		n++
		if seen[id] {
			found = append(found, errors.New("there are two of them"))
		}
		seen[id] = true
		for _, p := range found {
			problems = append(problems, id+": "+p.Error())
		}
	}
}
