import Foundation
import KitCore

/// The reference of the Swift API that comes with what plugins are built against, in `lib/dubkit/swift`.
///
/// `scripts/dev/swift_reference.lua` writes its pages: a heading of level 2 for each type, of level 3 for each member.
public struct SwiftReference {
    private struct Entry {
        let type: String
        /// "forward(_:)"; nil for the type itself.
        let member: String?
        /// The lines below the heading.
        var lines: [Substring] = []

        var title: String { member.map { "\(type).\($0)" } ?? type }
        /// "Module.forward" of "Module.forward(_:)".
        var shortTitle: String { String(title.prefix { $0 != "(" }) }
        var shortMember: String? { member.map { String($0.prefix { $0 != "(" }) } }

        /// The text for a terminal: the declaration is indented, not fenced.
        var text: String {
            var (shown, isCode) = ([title], false)
            for line in lines {
                if line.hasPrefix("```") {
                    isCode.toggle()
                } else {
                    shown.append(isCode ? "    \(line)" : String(line))
                }
            }
            while shown.last?.isEmpty == true { shown.removeLast() }
            return shown.joined(separator: "\n")
        }
    }

    private let index: String
    private let entries: [Entry]

    /// The reference of this program's build. Throws if the program has no kit to build plugins with.
    public init() throws {
        let folder = "\(try PluginKit.find().folder)/swift"
        func page(_ name: String) throws -> String {
            String(decoding: try DiskFileSystem().read("\(folder)/\(name)"), as: UTF8.self)
        }
        index = try page("README.md")
        // "## [KitTensor](KitTensor.md): ..."
        let pages = index.matches(of: #/## \[(\w+)\]/#).map { "\($0.1).md" }
        entries = try pages.flatMap { Self.entries(in: try page($0)) }
    }

    private static func entries(in page: String) -> [Entry] {
        var entries: [Entry] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") {
                entries.append(Entry(type: String(line.dropFirst(3)).replacing("Additions to ", with: ""), member: nil))
            } else if line.hasPrefix("### `"), let type = entries.last?.type {
                entries.append(Entry(type: type, member: String(line.dropFirst(5).dropLast())))
            } else if !entries.isEmpty {
                entries[entries.count - 1].lines.append(line)
            }
        }
        return entries
    }

    /// The declarations with their comments of a type ("Linear"), of its members of one name ("Tensor.matmul"), or of the
    /// members of one name of all types ("matmul"); all types for an empty name.
    public func text(named name: String) throws -> String {
        guard !name.isEmpty else { return index }
        let own = entries.filter { $0.type == name }
        let found =
            !own.isEmpty
            ? own
            : entries.filter { [$0.title, $0.shortTitle, $0.member, $0.shortMember].contains(name) }
        guard found.isEmpty else { return found.map(\.text).joined(separator: "\n\n") }
        let names = Set(entries.flatMap { [$0.type, $0.shortTitle] + ($0.shortMember.map { [$0] } ?? []) })
        throw KitError.usage(
            "help swift: nothing public is called '\(name)'\(NearestName.hint(name, in: names.sorted())) "
                + "('dubkit help swift' lists the types)")
    }
}
