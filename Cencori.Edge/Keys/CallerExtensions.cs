namespace Cencori.Edge.Keys;

public static class CallerExtensions
{
    /// <summary>The caller of the request. Null: the request has no valid key.</summary>
    public static Caller? GetCaller(this HttpContext context) => context.Features.Get<ICallerFeature>()?.Caller;
}
