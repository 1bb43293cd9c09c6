namespace Cencori.Edge.Agents.Shadow;

/// <summary>A tool call in a response, which waits for approval.</summary>
/// <param name="CallId">The provider's id of the call. The request with the tool's result must repeat it. Null: the call has no id.</param>
/// <param name="Tool">Name of the function, or type of the provider's own tool.</param>
/// <param name="Arguments">Arguments as the model wrote them: usually, but not always, JSON.</param>
public sealed record RequestedCall(string? CallId, string Tool, string Arguments);
