import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FindProgram.self) }

/// `kit.find_program { name = "espeak-ng" }`.
struct FindProgram: Function {
    static let name = "find_program"
    static let summary = "The path of a program: the first executable file of that name in PATH; nil if there is none."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = String?.self

    @Param("The program's name, or a path with a slash.") var name: String

    func construct() throws -> Any { ChildProcess.path(of: name).optionValue }
}
