"""Presidio's pattern recognisers behind a pipe.

A line of stdin is {"text": ..., "setting": "plain" | "helped", "times": n}; one of stdout is {"spans": [...], "ns": [...]}, with
the time that each of the n runs of analyze() took. Offsets are in characters, as Python has them.

There is no model: the engine's language part is spaCy's tokeniser alone, with words in lower case for lemmas, so that context
words raise scores as they do in a full installation. Names and places, which only a model finds, are not asked for.

plain is the registry as Presidio ships it for English. helped has the phone recogniser told the nine countries that our texts
have, and the recognisers of other countries' documents that Presidio has but leaves off or keeps for texts in their language.
"""

import json
import logging
import sys
import time
from importlib.metadata import version

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer import predefined_recognizers as known
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

KINDS = {
    "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "US_SSN": "ssn", "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip", "MAC_ADDRESS": "mac", "CRYPTO": "crypto",
    "US_PASSPORT": "passport", "UK_PASSPORT": "passport", "DE_PASSPORT": "passport", "IN_PASSPORT": "passport",
    "IT_PASSPORT": "passport", "ES_PASSPORT": "passport",
    "UK_NHS": "national_id", "UK_NINO": "national_id", "ES_NIF": "national_id", "ES_NIE": "national_id",
    "IT_FISCAL_CODE": "national_id", "PL_PESEL": "national_id", "DE_TAX_ID": "national_id", "IN_AADHAAR": "national_id",
    "IN_PAN": "national_id", "FI_PERSONAL_IDENTITY_CODE": "national_id", "KR_RRN": "national_id",
    "SE_PERSONNUMMER": "national_id", "CA_SIN": "national_id",
}
COUNTRIES = ("US", "GB", "DE", "FR", "ES", "IT", "IN", "BR", "JP")
HELPED = (
    "UkPassport", "DePassport", "InPassport", "ItPassport", "EsPassport",
    "UkNino", "EsNif", "EsNie", "ItFiscalCode", "PlPesel", "DeTaxId", "InAadhaar", "InPan", "FiPersonalIdentityCode",
    "KrRrn", "SePersonnummer", "CaSin",
)


class Tokeniser(NlpEngine):
    """spaCy without a model."""

    def __init__(self):
        self.spacy = spacy.blank("en")
        self.spacy.max_length = 10_000_000

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.spacy(text)
        return NlpArtifacts(entities=[], tokens=doc, tokens_indices=[t.idx for t in doc], lemmas=[t.lower_ for t in doc],
                            nlp_engine=self, language=language)

    def process_batch(self, texts, language, batch_size=1, n_process=1, **rest):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.spacy.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.spacy.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


def engine(setting, nlp):
    registry = RecognizerRegistryProvider(registry_configuration={"supported_languages": ["en"]}).create_recognizer_registry()
    if setting == "helped":
        have = {type(r).__name__ for r in registry.recognizers}
        registry.recognizers = [r for r in registry.recognizers if type(r).__name__ != "PhoneRecognizer"]
        registry.add_recognizer(known.PhoneRecognizer(supported_regions=COUNTRIES))
        for name in HELPED:
            if name + "Recognizer" not in have:
                registry.add_recognizer(getattr(known, name + "Recognizer")(supported_language="en"))
    found = AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])
    entities = sorted(set(found.get_supported_entities("en")) & set(KINDS))
    return found, entities


def main():
    logging.disable(logging.CRITICAL)
    # The list of top-level domains that the package ships; by itself it would fetch a newer one.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp = Tokeniser()
    engines = {setting: engine(setting, nlp) for setting in ("plain", "helped")}
    print(json.dumps({"version": version("presidio-analyzer"), "kinds": sorted({KINDS[e] for e in engines["helped"][1]})}), flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        analyzer, entities = engines[ask["setting"]]
        ns = []
        for _ in range(ask.get("times", 1)):
            start = time.perf_counter_ns()
            results = analyzer.analyze(text=ask["text"], language="en", entities=entities)
            ns.append(time.perf_counter_ns() - start)
        spans = [{"kind": KINDS[r.entity_type], "start": r.start, "end": r.end, "score": round(100 * r.score)} for r in results]
        print(json.dumps({"spans": spans, "ns": ns}), flush=True)


if __name__ == "__main__":
    main()
