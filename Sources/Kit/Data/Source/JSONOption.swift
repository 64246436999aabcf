import Foundation
import KitCore

/// An `OptionValue` as JSON. JSON objects are unordered, so keys are sorted when they are read.
package struct JSONOption: Codable {
    package let value: OptionValue

    package init(_ value: OptionValue) { self.value = value }

    /// Throws, with the place, if JSON cannot express all of the value. `name` is the value's own.
    package init(plain value: OptionValue, name: String) throws { self.value = try Self.plain(value, name) }

    private static func plain(_ value: OptionValue, _ place: String) throws -> OptionValue {
        switch value {
        case .null, .bool, .int, .number, .string: return value
        case .list(let values):
            return .list(try values.enumerated().map { try plain($1, "\(place)[\($0 + 1)]") })
        case .table(let options) where options.list.isEmpty:
            return .table(Options(named: try options.named.map { ($0.key, try plain($0.value, "\(place).\($0.key)")) }))
        default: throw KitError.usage("'\(place)' is \(value.givenText): it has no form in JSON")
        }
    }

    /// Throws `badData` with the place and the parser's reason, also for duplicate keys, of which the parser would
    /// ignore one.
    package static func parse(_ text: some StringProtocol) throws -> OptionValue {
        // Foundation's parser would take a NUL as part of UTF-16, and would ignore one of two duplicate keys.
        guard !text.utf8.contains(0) else { throw KitError(.badData, "not valid JSON: it has a NUL character") }
        var text = String(String(text).unicodeScalars.drop { $0 == "\u{FEFF}" })
        do {
            let value = try JSONDecoder().decode(JSONOption.self, from: Data(text.utf8)).value
            try text.withUTF8 { bytes in
                var scanner = JSONScanner(bytes)
                try scanner.skip(keysOnce: true)
            }
            return value
        } catch let fault as JSONScanner.Fault {
            throw KitError(.badData, "not valid JSON\(place(fault.offset, in: text)): \(fault.message)")
        } catch let DecodingError.dataCorrupted(context) {
            throw KitError(.badData, "not valid JSON\(fault(in: text) ?? ": \(context.debugDescription)")")
        } catch {
            throw KitError(.badData, "not valid JSON: \(error)")
        }
    }

    /// " at line 2, column 7: invalid value"; nil if the kit's own parser, which knows places, finds no error.
    private static func fault(in text: String) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            return nil
        } catch {
            guard let told = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String else { return nil }
            let match = told.wholeMatch(of: #/(.+?) around character (\d+)\.?/#)
            let place = place(match.flatMap { Int($0.2) } ?? text.utf8.count, in: text)
            let reason = match.map { String($0.1) } ?? told.trimmingCharacters(in: ["."])
            return "\(place): \(reason.prefix(1).lowercased())\(reason.dropFirst())"
        }
    }

    /// " at line 2, column 7" for the byte at an offset; without the line if there is only one.
    private static func place(_ offset: Int, in text: String) -> String {
        let lines = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let line = text.contains("\n") ? "line \(lines.count), " : ""
        return " at \(line)column \((lines.last?.count ?? 0) + 1)"
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            let keys = object.allKeys.sortedByBytes(of: \.stringValue)
            let named = try keys.map { key in
                (key: key.stringValue, value: try object.decode(JSONOption.self, forKey: key).value)
            }
            value = .table(Options(named: named))
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var values: [OptionValue] = []
            while !list.isAtEnd { values.append(try list.decode(JSONOption.self).value) }
            value = .list(values)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            value = .null
        } else if let text = try? single.decode(String.self) {
            value = .string(text)
        } else if let truth = try? single.decode(Bool.self) {
            value = .bool(truth)
        } else if let integer = try? single.decode(Int.self) {
            value = .int(integer)
        } else {
            value = .number(try single.decode(Double.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch value {
        case .table(let options) where options.list.isEmpty:
            var object = encoder.container(keyedBy: Key.self)
            for (key, value) in options.named { try object.encode(JSONOption(value), forKey: Key(stringValue: key)) }
        case .list(let values):
            var list = encoder.unkeyedContainer()
            for value in values { try list.encode(JSONOption(value)) }
        default:
            var single = encoder.singleValueContainer()
            switch value {
            case .null: try single.encodeNil()
            case .bool(let truth): try single.encode(truth)
            case .int(let integer): try single.encode(integer)
            case .number(let number): try single.encode(number)
            case .string(let text): try single.encode(text)
            default: throw KitError(.internalFault, "\(value.givenText) has no form in JSON")
            }
        }
    }
}
