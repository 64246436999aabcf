import Foundation

/// "412.3 MB": a number of bytes, in powers of ten.
public func byteText(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) bytes" }
    var value = Double(bytes)
    for unit in ["kB", "MB", "GB", "TB"] {
        value /= 1000
        if value < 1000 || unit == "TB" { return "\(decimal(value, 1)) \(unit)" }
    }
    return "\(bytes) bytes"
}

/// "42s", "4m12s", "1h03m", "2d05h": a time span in its two largest units.
public func durationText(_ seconds: Double) -> String {
    let whole = Int(min(max(0, seconds.isFinite ? seconds : 0), 1e12).rounded())
    func pair(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
        "\(large)\(unit)\(small < 10 ? "0" : "")\(small)\(smallUnit)"
    }
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return pair(whole / 60, "m", whole % 60, "s") }
    if whole < 86400 { return pair(whole / 3600, "h", whole % 3600 / 60, "m") }
    return pair(whole / 86400, "d", whole % 86400 / 3600, "h")
}

/// "5.312", "16.7": a loss with few digits.
package func lossText(_ value: Double) -> String {
    value.isNaN ? "NaN" : decimal(value, abs(value) < 10 ? 3 : 1)
}

/// A number with a fixed number of digits after the decimal point, in any locale.
public func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
}

/// "1 row", "3 rows": a number of things. `plural` is needed for nouns that do not just add an s: "classes".
public func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(count)) \(agreeing(count, noun, plural ?? noun + "s"))"
}

/// "1 of 1 file", "2 of 3 files": a part of a number of things.
public func counted(_ part: Int, of whole: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(part)) of \(counted(whole, noun, plural))"
}

/// The form of a word that goes with a number of things: `one` or `several`, such as "is" and "are".
public func agreeing(_ count: Int, _ one: String, _ several: String) -> String { count == 1 ? one : several }

/// "31,927,808": a whole number with its digits in groups of three.
package func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number.magnitude).reversed().enumerated() {
        if index > 0, index % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
}
