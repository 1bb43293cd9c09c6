using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129211021_Memory")]
    public class Memory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "memory_namespaces",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<string>(type: "TEXT", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    AgentId = table.Column<string>(type: "TEXT", nullable: true),
                    Description = table.Column<string>(type: "TEXT", nullable: true),
                    Metadata = table.Column<string>(type: "TEXT", nullable: true),
                    EmbeddingModel = table.Column<string>(type: "TEXT", nullable: false),
                    Dimensions = table.Column<int>(type: "INTEGER", nullable: false),
                    DefaultThreshold = table.Column<double>(type: "REAL", nullable: true),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    NextModel = table.Column<string>(type: "TEXT", nullable: true),
                    NextDimensions = table.Column<int>(type: "INTEGER", nullable: true),
                    NextGeneration = table.Column<int>(type: "INTEGER", nullable: false),
                    EmbeddingFault = table.Column<string>(type: "TEXT", nullable: true),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    DeletedRevision = table.Column<long>(type: "INTEGER", nullable: false),
                    StoredCount = table.Column<int>(type: "INTEGER", nullable: false),
                    HasUnembedded = table.Column<bool>(type: "INTEGER", nullable: false),
                    LeasedUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    DeletedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memory_namespaces", x => new { x.ProjectId, x.Environment, x.Id });
                });

            migrationBuilder.CreateTable(
                name: "memories",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<string>(type: "TEXT", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    NamespaceId = table.Column<string>(type: "TEXT", nullable: false),
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    Content = table.Column<string>(type: "TEXT", nullable: false),
                    Metadata = table.Column<string>(type: "TEXT", nullable: true),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UpdatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memories", x => new { x.ProjectId, x.Environment, x.Id });
                    table.ForeignKey(
                        name: "FK_memories_memory_namespaces_ProjectId_Environment_NamespaceId",
                        columns: x => new { x.ProjectId, x.Environment, x.NamespaceId },
                        principalTable: "memory_namespaces",
                        principalColumns: new[] { "ProjectId", "Environment", "Id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memory_vectors",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<string>(type: "TEXT", nullable: false),
                    NamespaceId = table.Column<string>(type: "TEXT", nullable: false),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    MemoryId = table.Column<string>(type: "TEXT", nullable: false),
                    Vector = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_memory_vectors", x => new { x.ProjectId, x.Environment, x.NamespaceId, x.Generation, x.MemoryId });
                    table.ForeignKey(
                        name: "FK_memory_vectors_memories_ProjectId_Environment_MemoryId",
                        columns: x => new { x.ProjectId, x.Environment, x.MemoryId },
                        principalTable: "memories",
                        principalColumns: new[] { "ProjectId", "Environment", "Id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_memories_ExpiresAt",
                table: "memories",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_memories_Number",
                table: "memories",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_memories_ProjectId_Environment_NamespaceId_Id",
                table: "memories",
                columns: new[] { "ProjectId", "Environment", "NamespaceId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_memories_ProjectId_Environment_NamespaceId_Revision_Number",
                table: "memories",
                columns: new[] { "ProjectId", "Environment", "NamespaceId", "Revision", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_memory_namespaces_ProjectId_Environment_Name",
                table: "memory_namespaces",
                columns: new[] { "ProjectId", "Environment", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_memory_vectors_ProjectId_Environment_MemoryId",
                table: "memory_vectors",
                columns: new[] { "ProjectId", "Environment", "MemoryId" });

            // Words by namespace and entry, and no copy of the text. Whatever takes an entry away, also with its project, takes its words with it.
            migrationBuilder.Sql("""CREATE VIRTUAL TABLE memory_words USING fts5(scope, content, content='', tokenize='unicode61 remove_diacritics 2')""");
            migrationBuilder.Sql("""
                CREATE TRIGGER memories_words_added AFTER INSERT ON memories BEGIN
                    INSERT INTO memory_words(rowid, scope, content) VALUES (new."Number", replace(new."NamespaceId", '_', ''), new."Content");
                END
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER memories_words_gone AFTER DELETE ON memories BEGIN
                    INSERT INTO memory_words(memory_words, rowid, scope, content) VALUES ('delete', old."Number", replace(old."NamespaceId", '_', ''), old."Content");
                END
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "memory_vectors");

            migrationBuilder.DropTable(
                name: "memories");

            migrationBuilder.Sql("DROP TABLE memory_words");

            migrationBuilder.DropTable(
                name: "memory_namespaces");
        }
    }
}
