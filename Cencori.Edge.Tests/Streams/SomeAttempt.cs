using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Tests.Streams;

/// <summary>An attempt that nobody has made.</summary>
internal static class SomeAttempt
{
    /// <param name="provider">Where it goes.</param>
    /// <param name="completed">Called where its response is complete.</param>
    public static Attempt At(ProviderDefinition provider, Action completed) => new(provider, null, default, null, new Owner(completed));

    private sealed class Owner(Action completed) : IAttemptOwner
    {
        public void Complete(Attempt attempt) => completed();
    }
}
