using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Cencori.Edge.Providers.Sandbox;
using CsCheck;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class EmbeddingVectorTests
{
    private const int Dimensions = 1536;

    private static readonly string[] Sentences =
    [
        "The customer uses PostgreSQL 16 as their main database.",
        "Our refund policy gives 30 days for unused items.",
        "To reset your password, go to Settings and choose Reset password.",
        "The Berlin office opens at 9 am on weekdays.",
        "Tom lives in Lisbon with his two cats.",
        "User prefers oat milk in coffee.",
        "Paris is the capital of France.",
        "The X200 printer has a warranty of 24 months.",
        "The meeting was moved to Friday afternoon because of the holiday.",
        "Keep answers short and avoid jargon.",
    ];

    /// <summary>Vectors are stored in databases and compared with those of other edges and later versions. If this test fails, all stored texts must be embedded again.</summary>
    [Fact]
    public void Vectors_are_the_same_on_every_machine_and_in_every_version()
    {
        string[] texts = ["", "!!!", "🎈", "Hello, World!", "the cat and the hat", "Žluťoučký kůň", "Привет, ёж", "Καλημέρα", "数据库使用PostgreSQL", "データベース", "데이터베이스를", "हिन्दी", .. Sentences];
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var dimensions in (int[])[1, 7, 256, Dimensions])
        {
            foreach (var text in texts)
            {
                digest.AppendData(MemoryMarshal.AsBytes(EmbeddingVector.Of(text, dimensions).Values));
            }
        }

        Assert.Equal("c9ca6857415a134e9b7f70999cb971024375c726077559ff0efa7ae743c1db9f", Convert.ToHexStringLower(digest.GetCurrentHash()));
    }

    [Fact]
    public void The_vector_of_any_text_has_length_1() =>
        Gen.Select(Gen.OneOf(Gen.String, SomeWords()), Gen.OneOf(Gen.Int[1, 8], Gen.Int[9, 4096])).Sample((text, dimensions) => AssertUnit(EmbeddingVector.Of(text, dimensions).Values));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("!!!")]
    [InlineData("🎈")]
    [InlineData("\u0301\u200D")]
    [InlineData("\uD83C")]
    [InlineData("the")]
    public void A_text_without_words_has_a_vector_too(string text)
    {
        foreach (var dimensions in (int[])[1, 2, Dimensions])
        {
            AssertUnit(EmbeddingVector.Of(text, dimensions).Values);
        }
    }

    [Theory]
    [InlineData("Which database does the customer use?", 0)]
    [InlineData("What is the refund policy?", 1)]
    [InlineData("How do I reset my password?", 2)]
    [InlineData("When does the office in Berlin open?", 3)]
    [InlineData("Where does Tom live?", 4)]
    [InlineData("What milk does the user like?", 5)]
    [InlineData("Capital of France?", 6)]
    [InlineData("How long is the waranty of the X200 printer?", 7)]
    [InlineData("what day was the meating moved to", 8)]
    [InlineData("Should my answer be short?", 9)]
    public void A_question_is_most_similar_to_the_sentence_with_its_words(string question, int expected)
    {
        var similarities = Sentences.Select(sentence => Similarity(question, sentence)).ToList();

        Assert.Equal(expected, similarities.IndexOf(similarities.Max()));
        Assert.InRange(similarities[expected], 0.3, 0.9);
        Assert.InRange(similarities.Order().ElementAt(Sentences.Length - 2), -0.2, 0.2);
    }

    [Fact]
    public void Unrelated_sentences_are_orthogonal()
    {
        var pairs = Sentences.SelectMany((one, i) => Sentences.Skip(i + 1).Select(other => Similarity(one, other))).ToList();

        Assert.All(pairs, similarity => Assert.InRange(similarity, -0.15, 0.15));
    }

    [Theory]
    [InlineData("postgresql", "postgresq")]
    [InlineData("accommodation", "acommodation")]
    [InlineData("database", "databases")]
    [InlineData("receive the invoice", "recieve the invoice")]
    [InlineData("Kubernetes cluster", "kubernets clutser")]
    [InlineData("deployment window on Tuesday", "deploymnet windwo on tusday")]
    public void Texts_with_typing_errors_stay_similar(string text, string typed) => Assert.InRange(Similarity(text, typed), 0.3, 0.9);

    [Theory]
    [InlineData("CAFÉ crème", "cafe creme")]
    [InlineData("cafe\u0301", "café")]
    [InlineData("Straße", "STRASSE")]
    [InlineData("Żółw, łódź & Øresund", "zolw lodz oresund")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("Tiếng Việt", "tieng viet")]
    [InlineData("Ёжик", "ежик")]
    [InlineData("Άνθρωπος", "ανθρωποσ")]
    [InlineData("Ｔｏｋｙｏ　２０２０", "tokyo 2020")]
    [InlineData("para\u00ADgraph", "paragraph")]
    [InlineData("one two", "two, one!")]
    [InlineData("👍🏽", "👍")]
    public void Case_accents_width_punctuation_and_order_make_no_difference(string text, string other) => Assert.Equal(1, Similarity(text, other), 5);

    [Theory]
    [InlineData("我们的数据库是什么", "数据库使用PostgreSQL", "今天天气很好")]
    [InlineData("東京の天気", "今日の東京は天気がいい", "犬が好きです")]
    [InlineData("데이터베이스는 무엇", "데이터베이스를 사용", "오늘 날씨가 좋다")]
    public void Scripts_without_spaces_or_with_particles_are_compared_by_characters(string question, string near, string far)
    {
        Assert.InRange(Similarity(question, near), 0.2, 0.9);
        Assert.InRange(Similarity(question, far), -0.15, 0.15);
    }

    [Fact]
    public void Common_words_and_repeated_words_count_little()
    {
        Assert.InRange(Similarity("What is the invoice?", "What is the weather?"), -0.15, 0.15);
        Assert.InRange(Similarity("invoice weather", string.Concat(Enumerable.Repeat("invoice ", 1_000)) + "weather"), 0.85, 1);
    }

    private static Gen<string> SomeWords() =>
        Gen.OneOfConst("the", "tree", "été", "漢字", "かな", "🎈", "-", "\u0301", "a1", "ß").Array[0, 30].Select(words => string.Join(' ', words));

    private static double Similarity(string one, string other) => Dot(EmbeddingVector.Of(one, Dimensions).Values, EmbeddingVector.Of(other, Dimensions).Values);

    // NaN fails too, because it lies in no range.
    private static void AssertUnit(ReadOnlySpan<float> vector) => Assert.InRange(Dot(vector, vector), 0.9999, 1.0001);

    private static double Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += (double)one[i] * other[i];
        }

        return sum;
    }
}
