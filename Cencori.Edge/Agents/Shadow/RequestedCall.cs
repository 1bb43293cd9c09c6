namespace Cencori.Edge.Agents.Shadow;

/// <summary>A tool call that a response asked for, and that waits for somebody's approval.</summary>
/// <param name="CallId">What the provider calls it, by which the tool's result will be sent back. Null: it gave none.</param>
/// <param name="Tool">The function's name, or what kind of tool of the provider's it is.</param>
/// <param name="Arguments">As the model wrote them: most often JSON.</param>
public sealed record RequestedCall(string? CallId, string Tool, string Arguments);
