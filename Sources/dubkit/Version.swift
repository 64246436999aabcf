import Kit

/// The version of the kit. `CHANGELOG.md` has a section for each, and `docs/releasing.md` says how it changes.
enum Version {
    static let text = "dubkit 0.1.0"

    /// What `dubkit --version` prints: the version, the commit of the sources if they were a Git checkout, and the first
    /// digits of the program's build ID.
    static var full: String {
        let commit = (try? PluginKit.find())?.commit.map { "commit \($0)" }
        let build = PluginKit.buildOfProgram
        let facts = [commit, build.isEmpty ? nil : "build \(build.prefix(12))"].compactMap { $0 }
        return facts.isEmpty ? text : "\(text) (\(facts.joined(separator: ", ")))"
    }
}
