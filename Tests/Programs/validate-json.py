"""Compares JSON documents with JSON Schemas, many with one start.

    validate-json.py SCHEMAS < QUESTIONS

SCHEMAS is a folder of *.schema.json files, which may refer to each other by name. QUESTIONS is a JSON list of
{"schema": "manifest", "document": ...}; the answer is a list with a list of sentences for each, empty where
nothing is wrong.
"""

import json
import pathlib
import sys

import jsonschema

base = "https://clipship.invalid/"
schemas = {
    path.name: json.loads(path.read_text()) | {"$id": base + path.name}
    for path in pathlib.Path(sys.argv[1]).glob("*.schema.json")
}
store = {schema["$id"]: schema for schema in schemas.values()}
validators = {}
for name, schema in schemas.items():
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    validators[name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(schema, resolver=resolver)

answers = []
for question in json.load(sys.stdin):
    errors = validators[question["schema"]].iter_errors(question["document"])
    answers.append([f"{error.json_path}: {error.message}" for error in errors])
json.dump(answers, sys.stdout)
