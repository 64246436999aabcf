/// Names that changed in this version. A recipe that still writes one works, and its user is told the new one.
///
/// A former name is declared next to the new one: `@Param("...", was: "rate")` for an option, `Plugin.formerName` for a
/// plugin, `ChoiceOption.formerWords` for a value, `was = "rate"` for a key of a recipe or an option of a plugin written
/// in Lua. Help, completion and annotations show the new name alone.
package final class FormerNames: SessionPart, @unchecked Sendable {
    /// Whether former names pass without a notice on this task, as in files that an earlier version wrote.
    @TaskLocal package static var areExpected = false

    /// The notices of this session, each once.
    package private(set) var notices: [String] = []

    package init() {}

    /// Tells the user, once in a session, that something has another name now.
    ///
    /// - Parameters:
    ///   - former: what the recipe wrote, with what it is: "kit.optimizer.sgd: option 'rate'".
    ///   - name: the new name.
    package static func notice(_ former: String, isNow name: String) {
        guard !areExpected else { return }
        let own = Session.current[FormerNames.self]
        let text = "\(former) is now called '\(name)'; the old name works in this version only"
        guard !own.notices.contains(text) else { return }
        own.notices.append(text)
        warn(text)
    }
}
