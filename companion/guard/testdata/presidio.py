"""Presidio's own analyzer behind its own wire format, for the tests of package guard.

The wheel has the analyzer and no server, so that POST /analyze is written here: as
presidio-analyzer/app.py answers it (2.2.366), with the package's AnalyzerRequest. The
recognisers are those that Presidio ships. There is no language model, which PyPI does not
have: PERSON and LOCATION are recognisers of Presidio's with lists of words in their place.

The first line of stdout is the port.
"""

import json
import logging
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, AnalyzerRequest, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

logging.disable(logging.CRITICAL)
# The list of domains that the package ships: by itself it would fetch a newer one.
tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

language = SpacyNlpEngine()
language.nlp = {"en": spacy.blank("en")}
registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"])
registry.add_recognizer(PatternRecognizer(supported_entity="PERSON", deny_list=["Ann Smith", "Zoë Müller", "José"]))
registry.add_recognizer(PatternRecognizer(supported_entity="LOCATION", deny_list=["Zürich", "東京"]))
engine = AnalyzerEngine(registry=registry, nlp_engine=language, supported_languages=["en"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer on a kept connection takes 40 ms

    def do_POST(self):
        status, body = 404, {"error": "no such path"}
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/analyze":
            try:
                request = AnalyzerRequest(asked)
                if not request.text:
                    raise Exception("No text provided")
                found = engine.analyze(
                    text=request.text, language=request.language, entities=request.entities,
                    score_threshold=request.score_threshold, return_decision_process=request.return_decision_process,
                )
                status, body = 200, [
                    {name: value for name, value in one.to_dict().items() if name != "recognition_metadata"} for one in found
                ]
            except Exception as problem:
                status, body = 500, {"error": str(problem)}
        written = json.dumps(body, default=lambda o: o.to_dict()).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.handle_error = lambda *_: None  # a test that has gone
print(server.server_port, flush=True)
sys.stdin.close()
server.serve_forever()
