use super::*;

/// Words with their counts, and pairs of words.
fn statistics(words: &[(&str, u32)], ngrams: &[(&str, u32)]) -> WordStatistics {
    let words: Vec<_> = words.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
    let total = words.iter().map(|(_, count)| u64::from(*count)).sum();
    let ngram = |(text, count): &(&str, u32)| Ngram {
        words: text.split(' ').map(str::to_owned).collect(),
        count: *count,
        prob: 0.1,
    };
    WordStatistics { counts: WordCounts { words, total }, ngrams: ngrams.iter().map(ngram).collect() }
}

#[track_caller]
fn check(statistics: &WordStatistics, dictionary: Option<&str>, expected: &[(&str, Option<&str>)]) {
    let dictionary = dictionary.map(Dictionary::of);
    let misspelt = Misspelt::of(statistics, dictionary.as_ref());
    let found: Vec<_> = misspelt.meant.iter().map(|(word, right)| (word.as_str(), right.as_deref())).collect();
    assert_eq!(found, expected);
}

#[test]
fn slips_of_much_commoner_words_are_misspelt() {
    let words = [
        (" because", 3000),
        (" becuase", 20),
        ("Becuase", 4),
        (" really", 4000),
        (" realy", 9),
        (" definitely", 600),
        (" definately", 9),
        (" goodnesss", 3),
        (" sooo", 90),
        (" know", 9000),
        (" knwo", 8),
    ];
    check(
        &statistics(&words, &[]),
        None,
        &[
            ("becuase", Some("because")),
            ("definately", Some("definitely")),
            ("goodnesss", None),
            ("knwo", Some("know")),
            ("realy", Some("really")),
            ("sooo", None),
        ],
    );
}

#[test]
fn right_words_that_look_like_commoner_ones_stay() {
    let words = [
        (" from", 5400),
        (" form", 154),
        (" dessert", 90),
        (" desert", 60),
        (" like", 40_000),
        (" liked", 500),
        (" likes", 180),
        (" wanted", 1000),
        (" wait", 800),
        (" waited", 7),
        (" were", 3700),
        (" we're", 500),
        (" 1000", 90),
        (" york", 2000),
        (" york's", 30),
        (" Yorke", 9),
    ];
    check(&statistics(&words, &[]), None, &[]);
}

#[test]
fn what_keeps_its_own_company_is_right() {
    let words = [(" there", 8000), (" three", 120), (" teh", 9), (" the", 60_000)];
    let told = [("three times", 6), ("there are", 900)];
    check(&statistics(&words, &told), None, &[("teh", Some("the"))]);
    let alike = [("three are", 6), ("there are", 900)];
    check(&statistics(&words, &alike), None, &[("teh", Some("the")), ("three", Some("there"))]);
}

#[test]
fn words_may_lack_an_apostrophe_or_a_space() {
    let words = [
        (" don't", 7000),
        (" dont", 2300),
        (" it's", 9000),
        (" its", 5100),
        (" he'll", 50),
        (" hell", 20),
        (" they'd", 100),
        (" theyd", 3),
        (" alot", 130),
        (" area", 240),
        (" upright", 5),
    ];
    let ngrams = [
        ("i don't", 3000),
        ("i dont", 1000),
        ("its a", 900),
        ("it's a", 900),
        ("of its", 100),
        ("the hell", 12),
        ("a lot", 3000),
        ("lot of", 900),
        ("has a", 90),
        ("has alot", 9),
        ("alot of", 30),
        ("are a", 900),
        ("the area", 90),
        ("up right", 90),
    ];
    let found = [("alot", Some("a lot")), ("dont", Some("don't")), ("theyd", Some("they'd"))];
    check(&statistics(&words, &ngrams), None, &found);
}

#[test]
fn a_dictionary_keeps_its_words_and_finds_more_slips_of_them() {
    let words = [
        (" people", 1700),
        (" peple", 3),
        (" heard", 1600),
        (" herd", 2),
        (" supper", 3),
        (" super", 2500),
        (" yup", 300),
        (" yupp", 3),
        (" vlog", 9),
        (" blog", 20),
        (" iii", 5),
    ];
    let dictionary = Some("people\nheard\nherd\nsupper\nsuper\nblog\niii");
    let found = [("iii", None), ("supper", Some("super")), ("yupp", Some("yup"))];
    check(&statistics(&words, &[]), None, &found);
    check(&statistics(&words, &[]), dictionary, &[("peple", Some("people")), ("yupp", Some("yup"))]);
}

#[test]
fn misspelt_words_count_as_what_they_mean() {
    let words =
        [(" because", 3000), ("Because", 500), (" becuase", 20), ("Becuase", 4), (" BECUASE", 2), (" soooo", 9)];
    let before = statistics(&words, &[]);
    let misspelt = Misspelt::of(&before, None);
    assert_eq!(misspelt.commonest(&before, 1), [("becuase".to_owned(), Some("because".to_owned()))]);
    let after = before.clone().without(&misspelt);
    let expected = [(" because".to_owned(), 3020), ("Because".to_owned(), 504)];
    assert_eq!((&after.counts.words[..], after.counts.total), (&expected[..], before.counts.total));
}
