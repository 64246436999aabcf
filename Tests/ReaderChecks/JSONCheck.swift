import Foundation
import KitCore
import KitData
import KitModel

extension ReaderCheck {
    /// JSON, on which three readers must agree: that of recipes and manifests, that of weights' headers, and
    /// Foundation's other one. What was read comes back the same once written.
    static let json = ReaderCheck(name: "json") { bytes in
        let scanned = bytes.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            do {
                try scanner.skip(keysOnce: true)
                try scanner.expectEnd()
                return true
            } catch { return false }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return try expect(!scanned, "what is not UTF-8 is passed")
        }
        let value = try unlessRefused { try JSONOption.parse(text) }
        // Headers of weights begin without a mark of their encoding.
        let isMarked = bytes.starts(with: "\u{FEFF}".utf8)
        try expect(isMarked || scanned == (value != nil), "one reader takes it, one does not: \(scanned)")
        guard let value else { return }
        let written = try JSONEncoder().encode(JSONOption(value))
        let again = try JSONOption.parse(String(decoding: written, as: UTF8.self))
        try expect(isSame(again, value), "\(again) instead of \(value)")
        // JSONSerialization drops this character everywhere.
        if text.unicodeScalars.contains("\u{FEFF}") { return }
        if let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) {
            try expect(isSame(value, other), "\(value), but \(other) by JSONSerialization")
        }
    }

    private static func isSame(_ one: OptionValue, _ other: OptionValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.int(let one), .int(let other)): one == other
        // A number so large that a Double has no room for its fraction is written without one.
        case (.int(let one), .number(let other)): abs(other) >= 0x1p53 && Double(one) == other
        case (.number(let one), .number(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.list(let one), .list(let other)):
            one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
        case (.table(let one), .table(let other)):
            one.named.count == other.named.count
                && zip(one.named, other.named).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        default: false
        }
    }

    private static func isSame(_ one: OptionValue, _ other: Any) -> Bool {
        switch (one, other) {
        case (.null, is NSNull): true
        case (.bool(let one), let other as NSNumber): one == other.boolValue
        case (.int(let one), let other as NSNumber): one == other.intValue || Double(one) == other.doubleValue
        // A number of more digits than a Double has is a decimal one there, which makes a less exact Double.
        case (.number(let one), let other as NSNumber): abs(one - other.doubleValue) <= 1e-14 * abs(one)
        case (.string(let one), let other as String): one.utf8.elementsEqual(other.utf8)
        case (.list(let one), let other as [Any]):
            one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
        case (.table(let one), let other as [String: Any]):
            one.named.count == other.count
                && one.named.allSatisfy { name, value in other[name].map { isSame(value, $0) } ?? false }
        default: false
        }
    }
}
