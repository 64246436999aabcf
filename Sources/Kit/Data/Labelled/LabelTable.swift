import KitCore

/// A CSV file of labels with named columns. All datasets read their lists through it.
public struct LabelTable {
    /// One row: fields by column.
    public struct Row {
        public let line: Int
        let file: String
        let fields: [String: String]

        /// The field of a column; empty if an optional column is missing.
        public subscript(column: String) -> String { fields[column] ?? "" }

        /// A field as a number. Throws an error that names file, line and column.
        public func number(_ column: String) throws -> Double {
            guard let value = DecimalNumber.parse(self[column]) else {
                throw KitError(
                    .badData, "\(file):\(line): column '\(column)' must be a number, but is \"\(self[column])\"")
            }
            return value
        }

        /// A field as seconds. Throws an error that names file, line and column.
        public func seconds(_ column: String) throws -> Double {
            let value = try number(column)
            guard ClipSource.times.contains(value) else {
                throw fault(
                    "column '\(column)' must be seconds from 0 to \(ClipSource.times.upperBound), but is \(self[column])"
                )
            }
            return value
        }

        /// An error about this row.
        public func fault(_ text: String) -> KitError { KitError(.badData, "\(file):\(line): \(text)") }
    }

    public let rows: [Row]

    /// Reads a table.
    ///
    /// - Parameters:
    ///   - path: the CSV file.
    ///   - columns: the required columns.
    ///   - header: the columns of a file without a header line. Lines that begin with # are then skipped.
    public init(_ path: String, columns: [String], header: [String]? = nil) throws {
        var lines = try CSVRows.parse(try Self.text(path), file: path, skipsSpaces: header != nil)[...]
        if header != nil { lines = lines.filter { $0.fields.first?.hasPrefix("#") != true }[...] }
        guard let names = header ?? lines.popFirst()?.fields, !lines.isEmpty else {
            throw KitError(.badData, "\(path): lists nothing")
        }
        for column in columns where !names.contains(column) {
            throw KitError(
                .badData,
                "\(path): has no column '\(column)'\(NearestName.hint(column, in: names)) "
                    + "(the columns are: \(names.joined(separator: ", ")))")
        }
        for column in columns where names.count(where: { $0 == column }) > 1 {
            throw KitError(.badData, "\(path): column '\(column)' comes twice")
        }
        rows = try lines.map { line, fields in
            guard fields.count == names.count else {
                throw KitError(
                    .badData, "\(path):\(line): expected \(counted(names.count, "field")), but has \(fields.count)")
            }
            return Row(
                line: line, file: path, fields: Dictionary(zip(names, fields), uniquingKeysWith: { first, _ in first }))
        }
    }

    /// Throws if two columns contradict each other: a name with two numbers, or a number with two names. Missing
    /// columns are ignored.
    public func checkPairs(_ name: String, _ number: String) throws {
        for (key, value) in [(name, number), (number, name)] {
            var first: [String: Row] = [:]
            for row in rows {
                guard row.fields[key] != nil, row.fields[value] != nil else { return }
                guard let other = first[row[key]] else {
                    first[row[key]] = row
                    continue
                }
                guard other[value] == row[value] else {
                    throw row.fault(
                        "\(key) '\(row[key])' has the \(value) '\(row[value])' here, but '\(other[value])' in line "
                            + "\(other.line)")
                }
            }
        }
    }

    /// A text file of a dataset. Throws an error that names the path if it does not exist.
    public static func text(_ path: String) throws -> String {
        try TextFile.read(path, hint: "is the dataset complete?")
    }

    /// A JSON file of a dataset.
    public static func json(_ path: String) throws -> OptionValue {
        do {
            return try JSONOption.parse(try text(path))
        } catch let error as KitError where error.kind == .badData { throw error.prefixed(path) }
    }
}
