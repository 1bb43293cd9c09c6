namespace Cencori.Edge.Keys;

public static class CallerExtensions
{
    /// <summary>Who makes this request; null where no valid key was shown.</summary>
    public static Caller? GetCaller(this HttpContext context) => context.Features.Get<ICallerFeature>()?.Caller;
}
