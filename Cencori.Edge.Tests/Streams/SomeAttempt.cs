using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Streams;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Streams;

/// <summary>Creates an attempt without a real request.</summary>
internal static class SomeAttempt
{
    /// <param name="provider">The target provider.</param>
    /// <param name="completed">Called when the response is complete.</param>
    public static Attempt At(ProviderDefinition provider, Action completed) => new(provider, null, default, null, new Owner(completed));

    /// <summary>Opens the attempt's response as a client reads it.</summary>
    public static ResponseStream Open(Attempt attempt, Stream provider, bool isEventStream, long? length, TimeProvider time) =>
        new ForwardedResponse(attempt, new DefaultHttpContext().Response, time).Open(provider, isEventStream, length);

    private sealed class Owner(Action completed) : IAttemptOwner
    {
        public void Complete(Attempt attempt) => completed();
    }
}
