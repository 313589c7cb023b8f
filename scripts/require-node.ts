const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `expected Node 24 or newer, found ${process.versions.node}: run this through npm, which uses the node package`,
  );
  process.exit(1);
}
