extension String {
    /// The text that a C function wrote into a buffer: up to the first zero, or all of it.
    package init(cBuffer buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
