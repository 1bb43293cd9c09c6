using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Tests.Providers.Forwarding;

/// <summary>An attempt that nobody has made.</summary>
internal static class SomeAttempt
{
    /// <param name="completed">Called where its response is complete.</param>
    public static Attempt That(Action completed) => new(null!, null, default, null, new Owner(completed));

    private sealed class Owner(Action completed) : IAttemptOwner
    {
        public void Complete(Attempt attempt) => completed();
    }
}
