//! A value against a JSON Schema: as much of draft 2020-12 as the schemas of presend use.
//!
//! A keyword that is not known here is a problem of its own, so that no part of a schema goes unchecked.

use serde_json::{Map, Value};

/// What is wrong with `value`, each with its place; empty if it is as `schema` says.
pub(crate) fn problems(value: &Value, schema: &Value) -> Vec<String> {
    problems_within(value, schema, schema)
}

/// What is wrong with `value` by a schema that stands within `root`.
fn problems_within(value: &Value, schema: &Value, root: &Value) -> Vec<String> {
    let mut check = Check { root, problems: Vec::new() };
    check.value(value, schema, "");
    check.problems
}

struct Check<'s> {
    root: &'s Value,
    problems: Vec<String>,
}

impl<'s> Check<'s> {
    fn problem(&mut self, place: &str, what: impl Into<String>) {
        self.problems.push(format!("{place}: {}", what.into()));
    }

    fn value(&mut self, value: &Value, schema: &'s Value, place: &str) {
        let keywords = match schema {
            Value::Bool(true) => return,
            Value::Object(keywords) => keywords,
            _ => return self.problem(place, "nothing may stand here"),
        };
        if let Some(types) = keywords.get("type")
            && !is_of(value, types)
        {
            // What else the schema says of another type would only repeat it.
            return self.problem(place, format!("is not of type {types}"));
        }
        for (keyword, rule) in keywords {
            self.keyword(value, keywords, (keyword, rule), place);
        }
    }

    fn keyword(
        &mut self,
        value: &Value,
        keywords: &'s Map<String, Value>,
        rule: (&str, &'s Value),
        place: &str,
    ) {
        match rule {
            (keyword, _) if SAID_ELSEWHERE.contains(&keyword) => {}
            ("$ref", target) => {
                let pointer = target.as_str().and_then(|target| target.strip_prefix('#')).unwrap_or_default();
                match self.root.pointer(pointer) {
                    Some(target) => self.value(value, target, place),
                    None => self.problem(place, format!("the schema refers to {target}, which is not there")),
                }
            }
            ("const", only) if value == only => {}
            ("const", only) => self.problem(place, format!("is not {only}")),
            ("enum", any) if any.as_array().is_some_and(|any| any.contains(value)) => {}
            ("enum", any) => self.problem(place, format!("is none of {any}")),
            ("oneOf" | "anyOf", any) => {
                let fits = |schema: &&Value| problems_within(value, schema, self.root).is_empty();
                let count = any.as_array().into_iter().flatten().filter(fits).count();
                if count == 0 || count > 1 && rule.0 == "oneOf" {
                    self.problem(place, format!("fits {count} of {any}"));
                }
            }
            ("minimum", least) if value.is_number() && value.as_f64() < least.as_f64() => {
                self.problem(place, format!("is below {least}"));
            }
            ("maximum", most) if value.is_number() && value.as_f64() > most.as_f64() => {
                self.problem(place, format!("is over {most}"));
            }
            ("minimum" | "maximum", _) => {}
            _ => match value {
                Value::Object(object) => self.of_object(object, keywords, rule, place),
                Value::Array(array) => self.of_array(array, rule, place),
                // Objects and arrays are ruled beside a type that is not theirs alone: `["array", "null"]`.
                _ if OF_OBJECTS.contains(&rule.0) || OF_ARRAYS.contains(&rule.0) => {}
                _ => self.problem(place, format!("the keyword {} is not known to this test", rule.0)),
            },
        }
    }

    fn of_object(
        &mut self,
        object: &Map<String, Value>,
        keywords: &'s Map<String, Value>,
        rule: (&str, &'s Value),
        place: &str,
    ) {
        let known = keywords.get("properties").and_then(Value::as_object);
        match rule {
            ("required", names) => {
                let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
                for name in names.filter(|name| !object.contains_key(*name)) {
                    self.problem(place, format!("lacks `{name}`"));
                }
            }
            ("properties", _) => {
                for (name, value) in object {
                    if let Some(schema) = known.and_then(|known| known.get(name)) {
                        self.value(value, schema, &format!("{place}/{name}"));
                    }
                }
            }
            ("additionalProperties", schema) => {
                for (name, value) in object {
                    if !known.is_some_and(|known| known.contains_key(name)) {
                        self.value(value, schema, &format!("{place}/{name}"));
                    }
                }
            }
            (keyword, _) if OF_ARRAYS.contains(&keyword) => {}
            (keyword, _) => self.problem(place, format!("the keyword {keyword} is not known to this test")),
        }
    }

    fn of_array(&mut self, array: &[Value], rule: (&str, &'s Value), place: &str) {
        let count = array.len() as u64;
        match rule {
            ("items", schema) => {
                for (index, value) in array.iter().enumerate() {
                    self.value(value, schema, &format!("{place}/{index}"));
                }
            }
            ("minItems", least) if Some(count) < least.as_u64() => {
                self.problem(place, format!("has under {least} items"));
            }
            ("maxItems", most) if Some(count) > most.as_u64() => {
                self.problem(place, format!("has over {most} items"));
            }
            (keyword, _) if OF_OBJECTS.contains(&keyword) || OF_ARRAYS.contains(&keyword) => {}
            (keyword, _) => self.problem(place, format!("the keyword {keyword} is not known to this test")),
        }
    }
}

/// Keywords that say nothing about a value, and the type, which comes first.
const SAID_ELSEWHERE: &[&str] = &["$schema", "$defs", "title", "description", "format", "type", "default"];
const OF_OBJECTS: &[&str] = &["required", "properties", "additionalProperties"];
const OF_ARRAYS: &[&str] = &["items", "minItems", "maxItems"];

/// Whether `value` is of the type, or of one of them.
fn is_of(value: &Value, types: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    };
    types.as_array().map_or_else(|| is(types), |types| types.iter().any(is))
}
