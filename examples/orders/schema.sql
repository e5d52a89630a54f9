CREATE TABLE orders (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer text NOT NULL,
	placed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (customer);

CREATE TABLE items (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id bigint NOT NULL REFERENCES orders,
	article text NOT NULL,
	quantity int NOT NULL CHECK (quantity > 0)
);
CREATE INDEX ON items (order_id);
