import KitCore

/// Tensors in recipes. Axes and indices count from 1 there, as everything does in Lua; negative ones count from the end.
extension Tensor: ScriptObject {
    public static var scriptTypeName: String { "tensor" }
    public static var scriptSummary: String {
        "An array of float32; channels are the last axis. Axes and indices count from 1, negative ones from the end."
    }
    public var scriptDescription: String { description }
    public var scriptLine: String { line }
    public var scriptBytes: Int { Shape.product([count, 4]) }
    public static var scriptMethodsCanBeAbandoned: Bool { true }
    public static var scriptForeignNames: [String: String] { TensorForeignNames.all }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("grad", on: Tensor.self, Tensor?.self) { $0.grad },
            // Whether it is a parameter that is not frozen.
            ScriptField("trained", on: Tensor.self, Bool.self) { $0.requiresGrad },
        ]
    }

    public static var scriptMethods: [ScriptMethod] {
        valueMethods + operatorMethods + functionMethods + comparisonMethods + reductionMethods + orderMethods
            + layoutMethods
            + formMethods
    }

    private static var valueMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "shape", on: Tensor.self, "The extents, outermost first, as a list.", returns: [Int].self
            ) { $0.shape.extents },
            ScriptMethod("item", on: Tensor.self, "The one element as a number.", returns: Double.self) {
                Double(try $0.item())
            },
            ScriptMethod(
                "values", on: Tensor.self, "All elements as nested lists of numbers.",
                returns: Either<Double, [OptionValue]>.self
            ) { tensor in
                if tensor.shape.rank == 0 { return .first(Double(try tensor.item())) }
                return .second(try [OptionValue](option: tensor.nestedValues()))
            },
            ScriptMethod(
                "requires_grad", on: Tensor.self,
                "Whether backward stores the gradient of this tensor in its `grad`: yes by default. Not for tensors that were computed from others with gradients. Returns the tensor.",
                ScriptArgument("on", Bool.self, default: true), returns: Tensor.self
            ) { tensor, on in
                guard !on || tensor.node?.inputs.isEmpty != false else {
                    throw KitError.usage(
                        "requires_grad: this tensor was computed from others, and gradients flow through it; call it on a "
                            + "tensor before it is used, or on x:detach()")
                }
                tensor.requiresGrad = on
                return tensor
            },
            ScriptMethod(
                "backward", on: Tensor.self,
                "Adds the gradients of this scalar to the `grad` of every tensor it was computed from that requires one."
            ) { try $0.backward() },
            ScriptMethod(
                "detach", on: Tensor.self, "The same values without history: no gradient flows through.",
                returns: Tensor.self
            ) { $0.detached() },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Tensor.self) }
