import Foundation
import Kit
import TestSupport
import Testing

/// Languages by any of their codes, and the choice of a track by them.
@Suite struct LanguageTests {
    @Test(arguments: [
        ("fr", ["fr", "fra", "fre", "FR", "Fra", "fr-CA", "fr_CA", "fre-ca", "FR-Latn-CA"]),
        ("de", ["de", "deu", "ger", "de-AT", "ger_CH"]), ("zh", ["zh", "zho", "chi", "zh-Hant-TW", "chi-Hans"]),
        ("ja", ["ja", "jpn"]), ("es", ["es", "spa", "es-419"]), ("cs", ["cs", "ces", "cze"]),
        ("yue", ["yue", "yue-HK"]), ("und", ["und", "UND"]),
        // Codes that ISO 639 gave up.
        ("he", ["iw", "heb", "iw-IL"]), ("id", ["in", "ind"]), ("yi", ["ji"]), ("ro", ["mo", "mol", "rum"]),
    ])
    func everySpellingIsOneLanguage(code: String, spellings: [String]) throws {
        for spelling in spellings {
            let language = try Language(spelling)
            #expect(language.code == code, "\(spelling)")
            #expect(language.matches(try Language(code)) && Language(tag: spelling) == language, "\(spelling)")
        }
    }

    @Test func regionsAndScriptsAreKeptBesideTheCode() throws {
        #expect(try Language("pt_BR").description == "pt-br" && Language("pt").description == "pt")
        #expect(try Language("pt-BR").matches(Language("por")) && Language("pt-BR") != Language("pt"))
        #expect(try Language("zh-Hant-TW").subtags == "hant-tw")
        #expect(try Language("fre").threeLetters == "fra" && Language("fr").name == "French")
    }

    /// Who asks for a region does not get another one, but what says none.
    @Test(arguments: [
        ("pt-PT", "pt-BR", false), ("pt-PT", "por", true), ("pt", "pt-BR", true), ("pt-PT", "pt-pt", true),
        ("zh-Hant", "zh-Hans", false), ("zh-Hant", "zh-Hant-TW", true), ("zh-TW", "zh-Hant", true),
        ("es-419", "es-ES", false),
        ("pt-PT", "pt-x-br", true),
    ])
    func regionsThatDiffer(asked: String, there: String, isMatch: Bool) throws {
        #expect(try Language(asked).matches(Language(there)) == isMatch)
        #expect(try Language(there).matches(Language(asked)) == isMatch)
    }

    @Test func whatNoFileSaysIsUndetermined() throws {
        #expect(Language(tag: nil) == .undetermined && Language(tag: "") == .undetermined)
        #expect(Language(tag: "und") == .undetermined)
        #expect(Language(tag: "qqq").code == "qqq", "a file's own tag stands for itself")
        #expect(try !Language("und").matches(Language("en")))
    }

    @Test(arguments: [
        ("french", "did you mean 'fr'?"), ("frensh", "did you mean 'fr' (French)?"),
        ("xx", "'xx' is not a language code"),
        ("", "'' is not a language code"), ("f", "'f'"), ("12", "'12'"), ("english-US", "did you mean 'en'?"),
    ])
    func slipsAreErrorsWithTheNearestName(text: String, message: String) {
        let error = #expect(throws: KitError.self) { try Language(text) }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func codesOfCountriesAreNoAliases() throws {
        for code in Language.codesByCountry.values {
            #expect(try Language(code).code == code && Language(code).name != code, "\(code)")
        }
        for (text, words) in [("jp", "'ja' (Japanese)"), ("dk", "'da' (Danish)"), ("gr", "'el' (Greek")] {
            let error = #expect(throws: KitError.self) { try Language(text) }
            #expect(error?.message.contains("did you mean \(words)") == true, "\(error?.message ?? "")")
        }
        // A language that no film has.
        #expect(try Language("se").name == "Northern Sami")
        #expect(
            try Language("se").countryHint == ": did you mean 'sv' (Swedish)?" && Language("sv").countryHint.isEmpty)
    }

    private func withTracks(
        _ ending: String, _ tracks: [(language: String, title: String?)], _ body: (MediaFile) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("film.\(ending)").path
            let sounds = tracks.map { language, title in
                var sound = FilmWriter.Sound()
                (sound.language, sound.title, sound.codec) = (Language(tag: language), title, .aac)
                return sound
            }
            try TestFilm.write(path, seconds: 0.5, video: .init(width: 64, height: 32), sounds: sounds)
            try body(try MediaFile(path))
        }
    }

    @Test(arguments: ["mkv", "mp4", "mov"]) func aTrackIsFoundByAnyCode(ending: String) throws {
        try withTracks(ending, [("eng", nil), ("fre", nil), ("ja", nil)]) { file in
            for (code, position) in [("en", 0), ("en-GB", 0), ("fr", 1), ("fra", 1), ("fre", 1), ("jpn", 2)] {
                let track = try file.track(language: Language(code))
                #expect(track.index == file.audioTracks[position].index, "\(code)")
            }
        }
    }

    @Test func anAbsentLanguageIsAnErrorThatListsWhatThereIs() throws {
        try withTracks("mkv", [("eng", nil), ("spa", "Doblaje")]) { file in
            let error = #expect(throws: KitError.self) { try file.track(language: Language("ko")) }
            #expect(error?.kind == .badData)
            #expect(
                error?.message.contains("film.mkv: no sound track in ko (Korean)") == true, "\(error?.message ?? "")")
            for part in ["en (English)", "es (Spanish)", "'Doblaje'"] {
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func twoTracksOfOneLanguageAreNeverChosenBetweenInSilence() throws {
        try withTracks("mkv", [("eng", nil), ("eng", "Second")]) { file in
            let error = #expect(throws: KitError.self) { try file.track(language: Language("en")) }
            #expect(error?.message.contains("2 sound tracks in en (English); a manifest can choose one by its") == true)
            for track in file.audioTracks {
                let found = try file.track(index: track.index)
                #expect(found == track)
            }
        }
    }

    @Test func aTrackWithoutALanguageIsFoundAsUndetermined() throws {
        try withTracks("mkv", [("und", nil), ("spa", nil)]) { file in
            #expect(file.audioTracks[0].language == .undetermined)
            let found = try file.track(language: Language("und"))
            #expect(found.index == file.audioTracks[0].index)
        }
    }
}
