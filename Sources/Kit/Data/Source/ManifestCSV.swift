import KitCore

/// A manifest as a table (RFC 4180). The first line names the columns.
///
/// Columns are `id`, `film`, `path`, `start`, `duration`, `original`, `split`, one `track.<lang>` for each language
/// (a sound file, `#2` for a stream of the film, or `yes` to choose by language) and one `label.<name>` for each label.
/// Empty fields count as absent.
package enum ManifestCSV {
    static let columns = ["id", "film", "path", "start", "duration", "original", "split"]

    package static func records(of text: String, file: String) throws -> [(line: Int, value: () throws -> OptionValue)]
    {
        var rows = try CSVRows.parse(text, file: file)[...]
        guard let header = rows.popFirst() else { throw KitError(.badData, "\(file): lists no films") }
        for name in header.fields
        where !columns.contains(name) && name != ManifestRecord.formerFilmKey && kind(of: name) == nil {
            let hint = hint(for: name)
            throw KitError(
                .badData,
                "\(file):\(header.line): unknown column '\(name)'\(hint) "
                    + "(the columns are: \(columns.joined(separator: ", ")), track.<lang>, label.<name>)")
        }
        if let twice = Dictionary(grouping: header.fields, by: { $0 }).first(where: { $1.count > 1 })?.key {
            throw KitError(.badData, "\(file):\(header.line): column '\(twice)' comes twice")
        }
        return rows.map { row in
            (
                row.line,
                {
                    guard row.fields.count == header.fields.count else {
                        throw KitError(
                            .badData,
                            "expected \(counted(header.fields.count, "field")) as in the first line, but has \(row.fields.count)"
                        )
                    }
                    return try record(Array(zip(header.fields, row.fields)))
                }
            )
        }
    }

    /// The column that a name most likely means. A label needs the name of what it labels, and a track its language.
    private static func hint(for name: String) -> String {
        let families = ["track": "track.<lang>", "label": "label.<name>"]
        let nearest = NearestName.of(name, in: columns + families.keys.sorted() + ["tracks", "labels"])
        return nearest.map { found in
            ": did you mean '\(families.first { found.hasPrefix($0.key) }?.value ?? found)'?"
        } ?? ""
    }

    /// ("track", "es") of `track.es`, ("label", "scene") of `label.scene`.
    private static func kind(of column: String) -> (family: String, name: String)? {
        let parts = column.parts(separatedBy: ".", maxSplits: 1)
        return parts.count == 2 && ["track", "label"].contains(parts[0]) ? (parts[0], parts[1]) : nil
    }

    private static func record(_ fields: [(column: String, text: String)]) throws -> OptionValue {
        var named: [(key: String, value: OptionValue)] = []
        var tracks: [OptionValue] = []
        var labels: [(key: String, value: OptionValue)] = []
        for (column, text) in fields where !text.isEmpty {
            switch kind(of: column) {
            case ("track", let language)?:
                var track: [(key: String, value: OptionValue)] = [("lang", .string(language))]
                if text.hasPrefix("#") {
                    guard let stream = Int(text.dropFirst()) else {
                        throw KitError(
                            .badData, "column '\(column)' must be #<stream>, a file or yes, but is \"\(text)\"")
                    }
                    track.append(("stream", .int(stream)))
                } else if text != "yes" {
                    track.append(("path", .string(text)))
                }
                tracks.append(.table(Options(named: track)))
            case (_, let name)?: labels.append((name, number(text) ?? .string(text)))
            case nil where column == "start" || column == "duration":
                named.append((column, number(text) ?? .string(text)))
            case nil: named.append((column, .string(text)))
            }
        }
        if !tracks.isEmpty { named.append(("tracks", .list(tracks))) }
        if !labels.isEmpty { named.append(("labels", .table(Options(named: labels)))) }
        return .table(Options(named: named))
    }

    private static func number(_ text: String) -> OptionValue? {
        Int(text).map(OptionValue.int) ?? DecimalNumber.parse(text).map(OptionValue.number)
    }
}
