package strict

import (
	"github.com/sluice-gateway/sluice/jsonschema"
	"github.com/sluice-gateway/sluice/jsontree"
)

// requestSchema is the word for the schema that a request names.
const requestSchema = "request"

// outputRules: a schema of the policy's own says nothing that is passed over in silence, and
// the models that it is for are served.
func (c *checker) outputRules(output, root *node) {
	if !output.ok() {
		return
	}
	if n := output.at("json_schema"); n.ok() && n.given && n.text != requestSchema {
		schema, err := jsontree.Parse([]byte(n.text))
		if err != nil {
			c.reject(n, err.Error())
			return
		}
		for _, p := range jsonschema.Vet(schema) {
			path := n.path
			if p.Path != "" && p.Path[0] != '[' {
				path += "."
			}
			c.add(n.pos, path+p.Path, p.Message)
		}
	}
	models := output.at("models")
	for i := range models.kids {
		c.served(&models.kids[i], root)
	}
}
