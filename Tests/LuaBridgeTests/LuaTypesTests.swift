import Foundation
import Kit
import LuaBridge
import TestSupport
import Testing

/// The annotations for editors, as a whole and as Lua.
@Suite struct LuaTypesTests {
    private let text = LuaTypes.text()

    @Test func theyAreLuaThatDefinesEveryPluginAndMethod() throws {
        let lua = try LuaState()
        let kit = try lua.run(chunk: text, name: "@kit.lua").first
        guard case .table(let members)? = kit else {
            Issue.record("no table")
            return
        }
        let functions = Set(members.named.map(\.key))
        for plugin in PluginRegistry.shared.all {
            let table = plugin.kind == "kit" ? "kit" : "kit_\(plugin.kind)"
            #expect(text.contains("\nfunction \(table).\(plugin.name)("), "\(plugin.qualifiedName)")
            if plugin.kind == "kit" { #expect(functions.contains(plugin.name)) }
            for (name, param) in plugin.options where !param.isRest {
                #expect(
                    text.contains("---@field \(name)\(param.isSet || param.isPositional ? "?" : "") "),
                    "\(plugin.qualifiedName), \(name)")
            }
        }
        for type in ScriptTypes.all {
            let name = type.scriptTypeName.replacing(" ", with: "_")
            #expect(text.contains("\n---@class \(name)\n"), "\(name)")
            for method in type.scriptMethods where !method.name.hasPrefix("__") {
                #expect(text.contains("\nfunction \(name):\(method.name)("), "\(name):\(method.name)")
            }
        }
    }

    /// A name that is not a type comes from words that were not understood.
    @Test func namesWithoutAClassAreFew() {
        let aliases = text.split(separator: "\n").compactMap { $0.wholeMatch(of: #/---@alias (\w+) any/#)?.1 }
        #expect(aliases.allSatisfy { $0.count > 4 && !$0.hasSuffix("_") }, "\(aliases)")
        #expect(text.contains("|metric[]") && text.contains("\"event_onset_200ms_fms\"|"))
    }

    /// Every type that is named somewhere is defined.
    @Test func noTypeIsUnknown() {
        let plain: Set<String> = [
            "any", "number", "integer", "string", "boolean", "function", "table", "nil", "fun", "true", "false",
            "options",
        ]
        var defined = plain
        var used: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("---@") {
            let words = line.dropFirst(4).split(separator: " ", omittingEmptySubsequences: true)
            switch words[0] {
            case "class", "alias": defined.insert(String(words[1]))
            case "field", "param": used.formUnion(Self.names(words.dropFirst(2).first ?? ""))
            case "return": used.formUnion(Self.names(words[1]))
            default: break
            }
        }
        #expect(used.subtracting(defined) == [], "\(used.subtracting(defined))")
        #expect(used.contains("tensor") && used.contains("module"))
    }

    private static func names(_ type: Substring) -> [String] {
        type.replacing(#/"[^"]*"/#, with: "").split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
            .map(String.init)
    }

    @Test func typesAreThoseOfTheDeclarations() {
        for line in [
            "---@field flag? boolean boolean; default false (ours). A boolean.",
            "---@field size? \"small\"|\"large\" one of small, large; default \"small\" (authors' code). A choice.",
            "---@field limit? number|nil number or nil; default nil (ours). A number or nil.",
            "---@field names? string[][] list of lists of strings; default {  } (ours). Lists of strings.",
            "---@field weights? table<string, number> table of named numbers; default {  } (ours). Numbers by name.",
            "---@field count integer integer; required. Elements.",
            "---@return integer[]", "---@operator add(pebble|number): pebble",
        ] { #expect(text.contains("\n\(line)\n"), "\(line)") }
    }
}
