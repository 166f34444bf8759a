// Package jsonschema tells whether a JSON value fits a JSON Schema: whether a model's
// answer is what the request has asked for.
//
//	schema, _ := jsontree.Parse(request's schema)
//	value, _ := jsontree.Parse(answer)
//	if m := jsonschema.Check(schema, value); m != nil {
//		… m.Path is "choices[0].name", m.Reason "missing"
//	}
//
// An answer is refused only when it is known to be wrong. What cannot be decided here is
// neither right nor wrong, wherever it is in a schema: anyOf with one branch that cannot be
// decided is not broken, nor is not of such a schema. [Decide] tells this from a fit.
//
// # What is checked
//
// Draft 2020-12 (https://json-schema.org/draft/2020-12), as much of it as structured
// outputs of OpenAI and Anthropic use and what is near:
//
//   - type, a name or a list of them (1.0 is an integer); enum and const, in which numbers
//     are the same by value, however they are written and however many digits they have;
//   - properties, required, additionalProperties, minProperties, maxProperties;
//   - items, prefixItems, minItems, maxItems, uniqueItems;
//   - minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, exactly;
//   - minLength and maxLength, in code points;
//   - anyOf, oneOf, allOf, not, true and false as schemas;
//   - $ref to a place in the same schema: #, #/$defs/name, #/definitions/name or any other
//     pointer. A schema that names other ones of its parts by $id has no decided $ref.
//
// # What is not
//
// pattern and patternProperties, for the module has no regular expressions; if,
// contains, propertyNames, the keywords that begin with dependent and unevaluated, $ref to
// anything else; a keyword whose value is none of its own, as items with a list of earlier
// drafts. These are undecided, where they apply to the value. format is not checked
// either, but fits, as 2020-12 has it, and so does every keyword that is not known.
//
// Of two members of one name in a value both have to fit.
//
// # Cost
//
// What is not decided after [MaxSteps] steps, or [MaxDepth] schemas inside each other, is
// undecided. A step is a schema, a keyword, a name or a value that is looked at, or some
// tens of bytes. So no schema takes exponential time, however it refers to itself.
package jsonschema
