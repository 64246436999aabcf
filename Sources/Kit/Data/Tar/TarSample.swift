import KitCore
import KitMedia

/// The members of a tar file that belong together: those in a row whose names are the same up to the first dot, as in the
/// Python package webdataset.
struct TarSample {
    struct Part {
        /// The name after its first dot, in lower case: "mkv", "es.flac".
        let ending: String
        let member: TarIndex.Member
    }

    /// The folder in the tar file and the name up to its first dot.
    let key: String
    private(set) var parts: [Part]

    /// The samples of a tar file in its order, and the members that belong to none: hidden ones, and those without a dot.
    ///
    /// Throws if a sample's members do not follow each other.
    static func all(in index: TarIndex) throws -> (samples: [TarSample], others: [String]) {
        var samples: [TarSample] = []
        var others: [String] = []
        for member in index.members {
            guard let (key, ending) = split(member.name) else {
                others.append(member.name)
                continue
            }
            let part = Part(ending: ending, member: member)
            if samples.last?.key.utf8.elementsEqual(key.utf8) == true {
                if let twin = samples[samples.count - 1].parts.first(where: { $0.ending == ending }) {
                    throw KitError(
                        .badData,
                        "has two members '.\(ending)' of one sample: '\(twin.member.name)' and '\(member.name)'")
                }
                samples[samples.count - 1].parts.append(part)
            } else {
                samples.append(TarSample(key: key, parts: [part]))
            }
        }
        var known: Set<[UInt8]> = []
        for sample in samples where !known.insert(Array(sample.key.utf8)).inserted {
            throw KitError(
                .badData,
                "the members of the sample '\(sample.key)' do not follow each other: other samples are between them")
        }
        return (samples, others)
    }

    /// ("films/market", "es.flac") of `films/market.ES.flac`; nil for hidden names, names without a dot, and those that
    /// webdataset skips (`__meta__/index.json`).
    private static func split(_ name: String) -> (key: String, ending: String)? {
        let scalars = name.unicodeScalars
        let base = scalars.lastIndex(of: "/").map { scalars.index(after: $0) } ?? scalars.startIndex
        guard let dot = scalars[base...].firstIndex(of: "."), dot != base else { return nil }
        let first = scalars.prefix { $0 != "/" }
        let isReserved =
            first.count < scalars.count && first.starts(with: "__".unicodeScalars)
            && first.suffix(2).elementsEqual("__".unicodeScalars)
        guard !isReserved else { return nil }
        return (String(scalars[..<dot]), String(scalars[scalars.index(after: dot)...]).lowercased())
    }

    /// The film; without one, the sound whose name states no language. Throws if there are several.
    func main() throws -> Part? {
        let plain = parts.filter { !$0.ending.contains(".") }
        for endings in [Container.filmEndings, Container.soundEndings] {
            let found = plain.filter { endings.contains($0.ending) }
            guard found.count < 2 else {
                throw KitError(
                    .badData,
                    "the sample '\(key)' has several films or sounds: \(found.map(\.member.name).joined(separator: ", "))"
                )
            }
            if let part = found.first { return part }
        }
        return nil
    }

    /// The sounds whose names state a language.
    var tracks: [(language: Language, part: Part)] {
        parts.compactMap { part in
            guard Container.soundEndings.contains(FileName.ending(part.member.name)),
                let (name, language) = FilmFolder.dubbed(part.member.name), name.utf8.elementsEqual(key.utf8)
            else { return nil }
            return (language, part)
        }
    }
}
