namespace Cencori.Edge.Agents.Shadow;

/// <summary>A tool call in a response, which waits for approval.</summary>
/// <param name="CallId">The provider's id of the call, which the tool's result must carry. Null: none.</param>
/// <param name="Tool">Name of the function, or type of the provider's own tool.</param>
/// <param name="Arguments">Arguments as the model wrote them; usually JSON.</param>
public sealed record RequestedCall(string? CallId, string Tool, string Arguments);
