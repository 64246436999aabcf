import Kit

extension KitError {
    /// An error as Lua raises it: "recipe.lua:12: what is wrong".
    init(_ kind: Kind, raised message: String) {
        guard let place = message.prefixMatch(of: #/([^\n]+?:\d+): /#) else {
            self.init(kind, message)
            return
        }
        self.init(kind, String(message[place.range.upperBound...]), at: String(place.1))
    }
}
