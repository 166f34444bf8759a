//! The crates as the benchmark's workers: `rivals bpe-openai` and `rivals tiktoken-rs`.
//!
//! A line on stdin is "encoding path"; the answer on stdout is "tokens nanoseconds". Texts are read once and stay.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::time::Instant;

fn count(rival: &str, encoding: &str, text: &str) -> usize {
    match (rival, encoding) {
        ("bpe-openai", "o200k_base") => bpe_openai::o200k_base().count(text),
        ("bpe-openai", "cl100k_base") => bpe_openai::cl100k_base().count(text),
        ("tiktoken-rs", "o200k_base") => tiktoken_rs::o200k_base_singleton().count_ordinary(text),
        ("tiktoken-rs", "cl100k_base") => tiktoken_rs::cl100k_base_singleton().count_ordinary(text),
        _ => panic!("there is no {encoding} of {rival}"),
    }
}

fn main() -> io::Result<()> {
    let rival = std::env::args().nth(1).expect("usage: rivals bpe-openai|tiktoken-rs");
    let mut texts: HashMap<String, String> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (encoding, path) = line.split_once(' ').expect("encoding path");
        if !texts.contains_key(path) {
            texts.insert(path.to_owned(), std::fs::read_to_string(path)?);
        }
        let text = &texts[path];
        let start = Instant::now();
        let tokens = count(&rival, encoding, text);
        println!("{tokens} {}", start.elapsed().as_nanos());
        io::stdout().flush()?;
    }
    Ok(())
}
