package main

import "github.com/sluice-gateway/sluice/policy/schema"

var schemaCommand = command{
	name:    "schema",
	summary: "print the JSON Schema of the policy, for editors",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		if flags.NArg() > 0 {
			return c.misused(s, "takes no arguments")
		}
		if _, err := s.out.Write(schema.JSON()); err != nil {
			return c.failed(s, err)
		}
		return exitGood
	},
}
